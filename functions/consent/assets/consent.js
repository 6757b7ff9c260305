// Makes the pages quicker to use. Every page works without it.
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

// Takes a scope out of wherever it was chosen.
function drop(form, scope) {
  for (const field of form.querySelectorAll('[name="scope"]')) {
    if (field.type === "checkbox") field.checked = field.checked && field.value !== scope;
    else field.value = field.value.split(/\s+/).filter((word) => word !== scope).join(" ");
  }
  count(form);
}

function chip(form, scope) {
  const name = document.createElement("code");
  name.textContent = scope;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = "✕";
  remove.setAttribute("aria-label", `Remove ${scope}`);
  remove.addEventListener("click", () => drop(form, scope));
  const item = document.createElement("li");
  item.append(name, " ", remove);
  return item;
}

function showChosen(form, scopes) {
  form.querySelector("[data-chips]").replaceChildren(...scopes.map((scope) => chip(form, scope)));
  form.querySelector("[data-nothing]").hidden = scopes.length > 0;
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
  for (const go of form.querySelectorAll("[data-go]")) {
    go.disabled = reason !== "";
    go.title = reason;
  }
  showChosen(form, scopes);
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
  const boxes = [...form.querySelectorAll('input[type="checkbox"][name="scope"]')];
  for (const preset of form.querySelectorAll("[data-preset]")) {
    const needed = preset.dataset.preset.split(" ");
    preset.addEventListener("click", (event) =>
      tick(event, form, boxes.filter((box) => needed.includes(box.value)), true),
    );
  }
  filter(form, field);
  count(form);
}

for (const form of document.querySelectorAll("form[data-app]")) enliven(form);

// The code and the state are used up. Remove them from the address and the history.
if ("outcome" in document.body.dataset && location.search) history.replaceState(null, "", location.pathname);

// Loads the fleet again every minute, unless somebody is typing, selecting or looking elsewhere.
const REFRESH_EVERY = 60_000;
const PAUSED = "fleet-paused";

function isBusy() {
  const field = document.activeElement;
  const isTyping = field instanceof HTMLInputElement || field instanceof HTMLSelectElement;
  return document.hidden || isTyping || !getSelection().isCollapsed || sessionStorage.getItem(PAUSED) === "yes";
}

function refreshRegularly(toggle) {
  const label = () => {
    toggle.textContent = sessionStorage.getItem(PAUSED) === "yes" ? "Resume updates" : "Pause updates";
  };
  toggle.hidden = false;
  label();
  toggle.addEventListener("click", () => {
    sessionStorage.setItem(PAUSED, sessionStorage.getItem(PAUSED) === "yes" ? "no" : "yes");
    label();
  });
  setInterval(() => {
    if (!isBusy()) location.reload();
  }, REFRESH_EVERY);
}

const toggle = document.querySelector("[data-refresh-toggle]");
if (toggle) refreshRegularly(toggle);
