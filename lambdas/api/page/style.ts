export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f7f9, #14171c);
  --card: light-dark(#ffffff, #1c2027);
  --line: light-dark(#dfe3e8, #303641);
  --ink: light-dark(#1c2430, #e6e9ee);
  --soft: light-dark(#5b6675, #9aa4b2);
  --accent: light-dark(#1456c4, #7fb0ff);
  --raise: light-dark(#1a7f4b, #4cc38a);
  --lower: light-dark(#b4382f, #f0857c);
  --warn: light-dark(#8a5a00, #e5b454);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
header { border-bottom: 1px solid var(--line); background: var(--card); }
.bar, main { max-width: 1160px; margin: 0 auto; padding: 0 24px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0 24px; min-height: 60px; }
.bar strong { font-size: 18px; letter-spacing: -0.01em; }
.bar nav { display: flex; gap: 18px; margin-left: auto; }
main { padding-top: 28px; padding-bottom: 80px; }
h1, h2, h3, h4 { line-height: 1.25; letter-spacing: -0.01em; margin: 0; }
h2 { font-size: 21px; margin: 44px 0 6px; }
h3 { font-size: 16px; }
h4 { font-size: 13px; margin: 16px 0 4px; color: var(--soft); font-weight: 600; }
section > p { margin: 0 0 16px; color: var(--soft); max-width: 70ch; }
section:first-of-type h2 { margin-top: 0; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre, textarea { font-family: var(--mono); font-size: 13px; }
pre { margin: 0; padding: 12px 14px; overflow: auto; max-height: 420px; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 999px; border: 1px solid var(--line); font-size: 12.5px; color: var(--soft); }
.badge.ok { color: var(--raise); border-color: currentColor; }
.badge.degraded { color: var(--warn); border-color: currentColor; }
.badge.unavailable { color: var(--lower); border-color: currentColor; }

.try { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 20px; align-items: start; }
.try .result { position: sticky; top: 20px; }
.row { display: flex; gap: 12px; align-items: end; margin-bottom: 16px; flex-wrap: wrap; }
.row > .grow { flex: 1 1 220px; }
label { display: block; font-size: 13px; color: var(--soft); }
label span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; margin-bottom: 3px; }
input, select, textarea, button { font: inherit; color: inherit; }
input, select, textarea {
  width: 100%; padding: 6px 9px; border: 1px solid var(--line); border-radius: 7px; background: var(--paper); color: var(--ink);
}
input:focus-visible, select:focus-visible, textarea:focus-visible, button:focus-visible, summary:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 1px;
}
textarea { min-height: 360px; resize: vertical; line-height: 1.45; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 12px; max-height: 520px; overflow: auto; padding: 2px 6px 6px 2px; }
button { padding: 7px 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); cursor: pointer; }
button.primary { background: light-dark(#1456c4, #2f6fd6); border-color: transparent; color: #fff; font-weight: 600; }
button:disabled { opacity: 0.6; cursor: default; }
.actions { display: flex; gap: 10px; margin-top: 16px; align-items: center; }
.faulty { border-color: var(--lower); }

.headline { display: flex; align-items: center; gap: 18px; }
.dial { width: 104px; height: 104px; flex: none; }
.dial circle { fill: none; stroke-width: 9; stroke: var(--line); }
.dial .value { stroke: var(--accent); stroke-linecap: round; }
.dial text { fill: var(--ink); font-size: 30px; font-weight: 650; text-anchor: middle; dominant-baseline: central; }
.headline .tier { font-size: 22px; font-weight: 650; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 16px 0 4px; font-size: 13.5px; }
.facts b { font-weight: 600; }
.reason { display: grid; grid-template-columns: minmax(0, 1fr) 110px 62px; gap: 10px; align-items: center; padding: 4px 0; font-size: 14px; }
.reason .track { height: 8px; border-radius: 4px; background: var(--paper); overflow: hidden; }
.reason .track div { height: 100%; border-radius: 4px; }
.reason.raises .track div { background: var(--raise); }
.reason.lowers .track div { background: var(--lower); }
.reason .amount { text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); font-size: 13px; }
.notice { border-left: 3px solid var(--warn); padding: 6px 12px; margin: 10px 0 0; font-size: 13.5px; background: var(--paper); border-radius: 0 6px 6px 0; overflow-wrap: anywhere; }
.notice.error { border-color: var(--lower); }

.models { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 16px; }
@media (max-width: 500px) { .models { grid-template-columns: minmax(0, 1fr); } }
.models h3 { display: flex; justify-content: space-between; gap: 10px; align-items: baseline; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-top: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); font-size: 12.5px; }
td:first-child code { white-space: nowrap; }

details { border-top: 1px solid var(--line); }
details:first-of-type { border-top: 0; }
.operations { padding: 4px 20px; }
summary { padding: 11px 0; cursor: pointer; display: flex; gap: 12px; align-items: baseline; list-style: none; flex-wrap: wrap; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "\\203a"; width: 8px; color: var(--soft); transition: rotate 0.12s; }
details[open] > summary::before { rotate: 90deg; }
summary:hover code { color: var(--accent); }
.method { font: 600 12px var(--mono); width: 42px; color: var(--accent); }
.method.post { color: var(--raise); }
details > div { padding: 0 0 18px 54px; }
@media (max-width: 860px) {
  .try { grid-template-columns: minmax(0, 1fr); }
  .try .result { position: static; }
  details > div { padding-left: 0; }
}
`;
