// Makes the first page quicker to use. Every page works without it.
"use strict";

const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

function scopesOf(form) {
  const chosen = new Set();
  for (const field of form.querySelectorAll('[name="scope"]')) {
    if (field.type !== "checkbox") field.value.split(/\s+/).filter(Boolean).forEach((scope) => chosen.add(scope));
    else if (field.checked) chosen.add(field.value);
  }
  return [...chosen];
}

// Why the form cannot be sent; empty if it can.
function obstacle(length, refuseAbove) {
  if (length === 0) return "Choose at least one scope.";
  if (length > refuseAbove) return `Remove scopes: ${length - refuseAbove} characters too many.`;
  return "";
}

function count(form) {
  const scopes = scopesOf(form);
  const length = scopes.join(" ").length;
  const warnAbove = Number(form.dataset.warnAbove);
  const refuseAbove = Number(form.dataset.refuseAbove);
  const reason = obstacle(length, refuseAbove);
  const tally = form.querySelector("[data-tally]");
  tally.dataset.level = length > refuseAbove ? "over" : length > warnAbove ? "long" : "fits";
  const remark = reason || (length > warnAbove ? "Long, but Webex should accept it." : "");
  const output = tally.querySelector("[data-count]");
  const size = `${length} of ${refuseAbove} characters, ${scopes.length} scope${scopes.length === 1 ? "" : "s"}`;
  const text = remark ? `${size}. ${remark}` : size;
  if (output.textContent !== text) output.textContent = text;
  form.querySelector("[data-reason]").textContent = reason;
  tally.querySelector("meter").value = length;
  for (const go of form.querySelectorAll("[data-go]")) go.disabled = reason !== "";
  for (const group of form.querySelectorAll("[data-group]")) {
    const boxes = [...group.querySelectorAll('input[type="checkbox"]')];
    group.querySelector("[data-chosen]").textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length}`;
  }
}

function filter(form, field) {
  const wanted = words(field.value);
  let found = 0;
  for (const group of form.querySelectorAll("[data-group]")) {
    let shown = 0;
    for (const item of group.querySelectorAll("li")) {
      const text = item.textContent.toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
      if (!item.hidden) shown += 1;
    }
    group.hidden = shown === 0;
    if (wanted.length && shown) group.open = true;
    found += shown;
  }
  form.querySelector("[data-found]").textContent = wanted.length ? `${found} scope${found === 1 ? "" : "s"} found` : "";
}

function tick(event, form, boxes, checked) {
  event.preventDefault();
  for (const box of boxes) box.checked = checked;
  count(form);
}

function enliven(form) {
  if (!form.querySelector("[data-tally]")) return;
  const field = form.querySelector("[data-filter]");
  form.querySelector("[data-filter-go]").hidden = true;
  form.addEventListener("input", (event) => {
    if (event.target === field) filter(form, field);
    else count(form);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const visible = (group) => [...group.querySelectorAll('li:not([hidden]) input[type="checkbox"]')];
  for (const group of form.querySelectorAll("[data-group]")) {
    group.querySelector("[data-all]").addEventListener("click", (event) => tick(event, form, visible(group), true));
    group.querySelector("[data-none]").addEventListener("click", (event) => tick(event, form, visible(group), false));
  }
  const minter = form.querySelector("[data-select-minter]");
  const needed = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
  const boxes = [...form.querySelectorAll('input[type="checkbox"][name="scope"]')];
  minter?.addEventListener("click", (event) =>
    tick(event, form, boxes.filter((box) => needed.includes(box.value)), true),
  );
  filter(form, field);
  count(form);
}

for (const form of document.querySelectorAll("form[data-app]")) enliven(form);

// The code and the state are used up. Remove them from the address and the history.
if ("outcome" in document.body.dataset && location.search) history.replaceState(null, "", location.pathname);
