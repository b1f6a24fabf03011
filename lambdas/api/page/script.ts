/** What runs in the browser. It builds elements from text only: nothing that a model or a caller says becomes markup. */
export const script = String.raw`
"use strict";
const at = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

async function call(path, options) {
  const response = await fetch(path, options);
  const text = await response.text();
  let body = null;
  try { body = JSON.parse(text); } catch { /* Not JSON: shown as it is. */ }
  return { ok: response.ok, status: response.status, body, text };
}

const percent = (share, digits = 1) => (share * 100).toFixed(digits) + "\u00a0%";
const models = new Map();
let current = null;

/* The form */

function typeOf(schema) {
  const types = [schema.type ?? (schema.anyOf ?? []).map((option) => option.type)].flat(2);
  return types;
}

function suggestionsOf(schema) {
  const options = [schema, ...(schema.anyOf ?? [])].flatMap((option) => option.enum ?? []);
  return [...options, ...(schema.examples ?? [])].filter((value) => value !== null && typeof value !== "object");
}

function showFields() {
  const box = at("fields");
  const { inputSchema, exampleLead } = current;
  const properties = inputSchema.properties ?? {};
  const names = [...new Set([...Object.keys(exampleLead ?? {}), ...Object.keys(properties)])];
  box.replaceChildren(...names.map((name, index) => {
    const schema = properties[name] ?? {};
    const value = exampleLead?.[name];
    const input = make("input", {
      name, value: value === null || value === undefined ? "" : String(value), placeholder: "missing", autocomplete: "off", spellcheck: false,
    });
    input.dataset.types = typeOf(schema).join(" ");
    input.dataset.sample = JSON.stringify(value ?? null);
    const suggestions = suggestionsOf(schema);
    const label = make("label", { title: schema.description ?? name }, make("span", {}, schema.title ?? name), input);
    if (suggestions.length > 0) {
      const list = make("datalist", { id: "values-" + index }, ...suggestions.slice(0, 200).map((option) => make("option", { value: String(option) })));
      input.setAttribute("list", list.id);
      label.append(list);
    }
    return label;
  }));
  at("json").value = JSON.stringify(exampleLead ?? {}, null, 2);
}

/** What was typed, in the type that the example or the schema has; what does not fit stays a text, for the API to judge. */
function fieldsOfForm() {
  const fields = {};
  for (const input of at("fields").querySelectorAll("input")) {
    const text = input.value;
    if (text === "") continue;
    const sample = JSON.parse(input.dataset.sample);
    if (sample !== null && String(sample) === text) fields[input.name] = sample;
    else if (/(^| )(number|integer)( |$)/.test(input.dataset.types) && text.trim() !== "" && Number.isFinite(Number(text))) fields[input.name] = Number(text);
    else fields[input.name] = text;
  }
  return fields;
}

const isJson = () => !at("json").hidden;

function bodyOfForm() {
  const leadId = at("lead-id").value;
  const fields = isJson() ? at("json").value : JSON.stringify(fieldsOfForm(), null, 2);
  return "{" + (leadId === "" ? "" : '"leadId": ' + JSON.stringify(leadId) + ", ") + '"fields": ' + fields + "}";
}

function switchForm() {
  if (!isJson()) {
    at("json").value = JSON.stringify(fieldsOfForm(), null, 2);
  } else {
    try {
      const fields = JSON.parse(at("json").value);
      for (const input of at("fields").querySelectorAll("input")) {
        const value = fields[input.name];
        input.value = value === null || value === undefined ? "" : String(value);
        input.dataset.sample = JSON.stringify(value ?? null);
      }
    } catch { /* The form keeps what it had. */ }
  }
  const toJson = !isJson();
  at("json").hidden = !toJson;
  at("fields").hidden = toJson;
  at("switch").textContent = toJson ? "Edit as a form" : "Edit as JSON";
}

async function choose(name) {
  at("submit").disabled = true;
  if (!models.has(name)) {
    const answer = await call("v1/models/" + encodeURIComponent(name));
    if (!answer.ok) return showProblem(answer);
    models.set(name, answer.body);
  }
  current = models.get(name);
  at("reasons").disabled = current.noReasons !== null;
  at("reasons").title = current.noReasons === null ? "" : "No reasons: " + current.noReasons;
  showFields();
  at("submit").disabled = false;
  await submit();
}

/* The answer */

function dial(score) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 104 104");
  svg.setAttribute("class", "dial");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Score " + score + " of 100");
  const round = 2 * Math.PI * 46;
  for (const kind of ["track", "value"]) {
    const circle = document.createElementNS(SVG, "circle");
    const attributes = { class: kind, cx: 52, cy: 52, r: 46, transform: "rotate(-90 52 52)" };
    if (kind === "value") attributes["stroke-dasharray"] = (round * score) / 100 + " " + round;
    for (const [key, value] of Object.entries(attributes)) circle.setAttribute(key, value);
    if (kind === "track" || score > 0) svg.append(circle);
  }
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", "52");
  text.setAttribute("y", "53");
  text.textContent = score;
  svg.append(text);
  return svg;
}

function fact(name, value) {
  return make("span", {}, make("span", { class: "soft" }, name + " "), make("b", {}, value));
}

function reasonRow(reason, kind, greatest) {
  const bar = make("div");
  bar.style.width = Math.max(2, (Math.abs(reason.contribution) / greatest) * 100) + "%";
  const amount = (reason.contribution > 0 ? "+" : "−") + Math.abs(reason.contribution).toFixed(2);
  return make("div", { class: "reason " + kind }, make("span", {}, reason.text), make("div", { class: "track" }, bar), make("span", { class: "amount" }, amount));
}

function showScore(score) {
  const { reasons } = score;
  const classOf = (name) => current.classes.find((entry) => entry.name === name)?.label ?? name;
  const parts = [
    make("div", { class: "headline" }, dial(score.score), make("div", {},
      make("div", { class: "tier" }, score.tier), make("div", {}, score.action),
      make("div", { class: "soft small" }, "Expected: " + classOf(score.prediction)))),
    make("div", { class: "facts" }, fact("Probability", percent(score.probability)),
      fact("Percentile", String(score.percentile)), fact("Completeness", percent(score.completeness, 0)),
      score.confidence === undefined ? null : fact("Confidence", percent(score.confidence))),
  ];
  if (score.probabilities) {
    parts.push(make("div", { class: "facts" }, ...Object.entries(score.probabilities).map(([name, value]) => fact(classOf(name), percent(value)))));
  }
  if (reasons) {
    const greatest = Math.max(1e-9, ...[...reasons.raises, ...reasons.lowers].map((reason) => Math.abs(reason.contribution)));
    for (const [kind, title] of [["raises", "Raises the score"], ["lowers", "Lowers the score"]]) {
      if (reasons[kind].length === 0) continue;
      parts.push(make("h4", {}, title), ...reasons[kind].map((reason) => reasonRow(reason, kind, greatest)));
    }
  }
  parts.push(...score.warnings.map((warning) => make("div", { class: "notice" }, warning.detail)));
  at("answer").replaceChildren(...parts);
}

function showProblem({ status, body, text }) {
  const parts = [make("h3", {}, status + " " + (body?.title ?? "")), make("p", {}, body?.detail ?? text)];
  for (const error of body?.errors ?? []) {
    parts.push(make("div", { class: "notice error" }, make("code", {}, error.pointer), " " + error.detail));
    const name = error.pointer.split("/")[2]?.replaceAll("~1", "/").replaceAll("~0", "~");
    for (const input of at("fields").querySelectorAll("input")) if (input.name === name) input.classList.add("faulty");
  }
  at("answer").replaceChildren(...parts);
}

function shellQuoted(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

async function submit(event) {
  event?.preventDefault();
  if (current === null) return;
  for (const input of at("fields").querySelectorAll(".faulty")) input.classList.remove("faulty");
  const reasons = at("reasons").disabled ? "0" : at("reasons").value;
  const path = "v1/models/" + encodeURIComponent(current.name) + "/score?reasons=" + encodeURIComponent(reasons);
  const body = bodyOfForm();
  let compact = body;
  try { compact = JSON.stringify(JSON.parse(body)); } catch { /* Sent as it was typed: the API says what is wrong. */ }
  const url = new URL(path, location.href).href;
  at("curl").textContent = "curl -s " + shellQuoted(url) + " -H 'content-type: application/json' -d " + shellQuoted(compact);
  const answer = await call(path, { method: "POST", headers: { "content-type": "application/json" }, body: compact });
  at("raw").textContent = answer.body === null ? answer.text : JSON.stringify(answer.body, null, 2);
  if (answer.ok) showScore(answer.body);
  else showProblem(answer);
}

/* The models */

function showModels(list) {
  at("models").replaceChildren(...list.map((model) => {
    const tiers = model.tiers.map((tier) => make("tr", {},
      make("td", {}, make("b", {}, tier.name)),
      make("td", {}, tier.minimumProbability === null ? "the rest" : "from " + percent(tier.minimumProbability, 0) + (tier.class ? " " + tier.class : "")),
      make("td", {}, tier.action)));
    const link = make("a", { href: "v1/models/" + encodeURIComponent(model.name) }, "Card, metrics and JSON Schema");
    return make("div", { class: "card" },
      make("h3", {}, model.title, make("span", { class: "badge" }, "v" + model.number)),
      make("div", { class: "soft small" }, make("code", {}, model.name), " · ", model.version.slice(0, 12)),
      make("h4", {}, "Tiers"), make("table", {}, make("tbody", {}, ...tiers)),
      make("p", { class: "small" }, link));
  }));
  at("model").replaceChildren(...list.map((model) => make("option", { value: model.name }, model.title)));
}

/* The endpoints */

function schemaName(schema, components) {
  if (schema === undefined) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return [...new Set(schema.anyOf.map((option) => schemaName(option, components)))].filter((name) => name !== "").join(" or ");
  if (schema.type === "array") return "array of " + (schemaName(schema.items, components) || "anything");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  return [schema.type ?? ""].flat().join(" or ");
}

function schemaTable(schema, components, seen = new Set()) {
  const name = schema?.$ref?.split("/").pop();
  const resolved = name ? components[name] : schema;
  if (!resolved || seen.has(name)) return [];
  if (name) seen.add(name);
  const below = [];
  const visit = (part) => {
    if (part?.$ref) below.push(...schemaTable(part, components, seen));
    else for (const inner of [part?.items, ...(part?.anyOf ?? []), ...Object.values(part?.properties ?? {})]) if (inner) visit(inner);
  };
  if (!resolved.properties) { visit(resolved); return below; }
  const required = new Set(resolved.required ?? []);
  const rows = Object.entries(resolved.properties).map(([key, part]) => {
    visit(part);
    return make("tr", {}, make("td", {}, make("code", {}, key)),
      make("td", { class: "soft" }, schemaName(part, components) + (required.has(key) ? "" : " (optional)")),
      make("td", {}, part.description ?? (part.$ref ? components[part.$ref.split("/").pop()]?.description ?? "" : "")));
  });
  return [make("h4", {}, name ?? "Members"), make("table", {}, make("tbody", {}, ...rows)), ...below];
}

function showOperation(path, method, operation, components) {
  const details = make("details", { id: operation.operationId }, make("summary", {},
    make("span", { class: "method " + method }, method.toUpperCase()), make("code", {}, path), make("span", { class: "soft" }, operation.summary)));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const parts = [make("p", {}, operation.description)];
    if (operation.parameters) {
      parts.push(make("h4", {}, "Parameters"), make("table", {}, make("tbody", {}, ...operation.parameters.map((parameter) => make("tr", {},
        make("td", {}, make("code", {}, parameter.name)), make("td", { class: "soft" }, parameter.in + ", " + schemaName(parameter.schema, components)), make("td", {}, parameter.description ?? ""))))));
    }
    const body = operation.requestBody?.content["application/json"];
    if (body) {
      const example = Object.values(body.examples ?? {})[0]?.value;
      parts.push(make("h3", {}, "Request"), ...schemaTable(body.schema, components));
      if (example) parts.push(make("h4", {}, "Example"), make("pre", {}, JSON.stringify(example, null, 2)));
    }
    parts.push(make("h3", {}, "Answers"), make("table", {}, make("tbody", {}, ...Object.entries(operation.responses).map(([status, answer]) => make("tr", {},
      make("td", {}, make("code", {}, status)), make("td", {}, answer.description.replaceAll(String.fromCharCode(96), "")), make("td", { class: "soft" }, Object.keys(answer.content ?? {}).join(", ")))))));
    const ok = operation.responses["200"]?.content?.["application/json"];
    if (ok) parts.push(...schemaTable(ok.schema, components));
    details.append(make("div", {}, ...parts));
  });
  return details;
}

function showOperations({ paths, components }) {
  at("operations").replaceChildren(...Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => showOperation(path, method, operation, components.schemas))));
}

async function start() {
  at("form").addEventListener("submit", submit);
  at("model").addEventListener("change", () => choose(at("model").value));
  at("switch").addEventListener("click", switchForm);
  const [health, list, document_] = await Promise.all([call("v1/health"), call("v1/models"), call("v1/openapi.json")]);
  const badge = at("health");
  badge.textContent = health.body?.status ?? "no answer";
  badge.classList.add(health.body?.status ?? "unavailable");
  const troubles = (health.body?.models ?? []).filter((model) => model.problem);
  at("troubles").replaceChildren(...troubles.map((model) => make("div", { class: "notice error" }, model.model + ": " + model.problem)));
  if (document_.ok) showOperations(document_.body);
  if (!list.ok || list.body.models.length === 0) {
    at("answer").replaceChildren(make("p", { class: "soft" }, "No model is served."));
    return;
  }
  showModels(list.body.models);
  const preferred = list.body.models.find((model) => model.name === "x-education") ?? list.body.models[0];
  at("model").value = preferred.name;
  await choose(preferred.name);
}

start();
`;
