"""The page's style sheet."""

from liquidtime.report.theme import BLUE, FONT, GREY, GRID, INK, PALE

STYLE = f"""
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: #fff; color: {INK}; font: 15px/1.55 {FONT}; }}
main {{ max-width: 1100px; margin: 0 auto; padding: 28px 24px 64px; }}
.brand {{ margin: 0; color: {BLUE}; font-weight: 650; letter-spacing: .04em; }}
h1 {{ margin: 2px 0 10px; font-size: 29px; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }}
h2 {{ margin: 0 0 6px; font-size: 20px; }}
h3 {{ margin: 22px 0 6px; font-size: 15px; }}
p {{ margin: 0 0 10px; overflow-wrap: anywhere; }}
header .lead {{ font-size: 17px; max-width: 60em; }}
section {{ margin-top: 34px; padding-top: 22px; border-top: 1px solid {GRID}; }}
section > p {{ max-width: 66em; }}
.note {{ color: {GREY}; font-size: 13px; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 12px 0; }}
dt {{ color: {GREY}; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
code {{ font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: #f3f5f7;
  padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }}
a {{ color: {BLUE}; }}
.figure {{ width: 100%; }}
.choose {{ display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 12px 0 6px; }}
.choose button {{ font: inherit; font-size: 13px; color: {INK}; background: #fff; border: 1px solid {PALE};
  border-radius: 6px; padding: 4px 11px; cursor: pointer; }}
.choose button[aria-pressed=true] {{ border-color: {BLUE}; background: #e8f2f9; }}
.choose span {{ color: {GREY}; font-size: 13px; }}
.recording[hidden] {{ display: none; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid {GRID}; vertical-align: top; }}
th {{ color: {GREY}; font-weight: 500; vertical-align: bottom; }}
.matrices {{ display: flex; flex-wrap: wrap; gap: 12px 56px; }}
.caption {{ margin: 10px 0 4px; }}
.confusion td {{ padding: 2px 8px 2px 0; vertical-align: middle; }}
.cell {{ min-width: 104px; padding: 8px 12px; border-radius: 4px; }}
.cell .number {{ display: block; font-size: 16px; font-weight: 600; }}
.cell .share {{ font-size: 12.5px; }}
.worst td:nth-child(n+4), .worst th:nth-child(n+4) {{ white-space: nowrap; }}
.worst td:nth-child(2), .worst td:nth-child(3) {{ white-space: nowrap; }}
noscript {{ display: block; padding: 8px 12px; background: #fff4de; border-radius: 6px; }}
@page {{ size: A4 portrait; margin: 14mm 12mm; }}
@media print {{
  main {{ padding: 0; }}
  body {{ font-size: 12px; }}
  h1 {{ font-size: 22px; }}
  header .lead {{ font-size: 14px; }}
  table {{ font-size: 10.5px; }}
  section {{ margin-top: 18px; padding-top: 14px; }}
  .scroll {{ overflow: visible; }}
  .worst {{ font-size: 9px; }}
  .worst td, .worst th {{ padding-right: 5px; }}
  .matrices {{ gap: 8px 24px; }}
  .cell {{ min-width: 80px; padding: 5px 8px; }}
  h2, h3, .lead {{ break-after: avoid; }}
  .figure, tr, .matrices > div {{ break-inside: avoid; }}
  .choose button:not([aria-pressed=true]), .modebar-container {{ display: none !important; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
