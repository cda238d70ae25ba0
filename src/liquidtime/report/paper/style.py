"""What this page's style has beside that of all pages."""

from liquidtime.report.theme import FONT, GREY, GRID, INK

STYLE = f"""
table.stacked {{ width: 100%; }}
table.stacked td:first-child {{ font-weight: 600; }}
.items td:first-child {{ white-space: nowrap; }}
.verdict {{ display: inline-flex; gap: 7px; align-items: flex-start; min-width: 108px; }}
.mark {{ flex: none; display: inline-block; width: 19px; height: 19px; margin-top: 1px; border-radius: 50%;
  color: #fff; font: 700 12px/19px {FONT}; text-align: center; }}
.meanings {{ display: flex; flex-wrap: wrap; gap: 4px 26px; margin: 12px 0 0; color: {GREY}; font-size: 13px; }}
.meanings .verdict {{ color: {INK}; min-width: 0; }}
.facts {{ display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 0 0 12px; color: {GREY}; font-size: 13px; }}
.facts .verdict {{ color: {INK}; font-weight: 600; min-width: 0; }}
.numbers td {{ min-width: 56px; }}
.source {{ color: {GREY}; font-weight: 400; }}
figure {{ margin: 22px 0 0; }}
figure h3 {{ margin: 0 0 4px; }}
figcaption {{ color: {INK}; font-size: 13.5px; max-width: 66em; margin-top: 2px; }}
.legend {{ display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 2px 0 4px; font-size: 12.5px; }}
.key {{ display: inline-flex; gap: 6px; align-items: center; }}
.key svg {{ flex: none; }}
.scale {{ display: inline-block; width: 150px; height: 10px; border-radius: 2px; }}
.panels {{ display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 12px 10px; }}
.panel-title {{ margin: 4px 0 0; font-size: 13px; font-weight: 600; text-align: center; }}
.no-print {{ margin: 12px 0 0; font-size: 13px; }}
@media screen and (max-width: 700px) {{
  main {{ padding: 18px 14px 40px; }}
  h1 {{ font-size: 24px; }}
  dl {{ grid-template-columns: 1fr; gap: 0; }}
  dd {{ margin-bottom: 8px; }}
  .panels {{ grid-template-columns: repeat(min(var(--columns), 2), minmax(0, 1fr)); }}
  table.stacked, .stacked tbody, .stacked tr, .stacked td {{ display: block; }}
  .stacked thead {{ display: none; }}
  .stacked tr {{ padding: 8px 0; border-bottom: 1px solid {GRID}; }}
  .stacked td {{ padding: 2px 0 2px 92px; border: 0; min-height: 24px; position: relative; overflow-wrap: anywhere; }}
  .stacked td:first-child {{ padding-left: 0; white-space: normal; }}
  .stacked td:not(:first-child)::before {{ content: attr(data-label); position: absolute; left: 0; color: {GREY};
    font-weight: 400; }}
  .stacked td:empty {{ display: none; }}
}}
@media print {{
  .no-print {{ display: none; }}
  figure {{ break-inside: avoid; }}
  .mark {{ width: 15px; height: 15px; font-size: 10px; line-height: 15px; }}
  .verdict {{ min-width: 84px; }}
  figcaption, .facts, .meanings, .legend {{ font-size: 10.5px; }}
}}
"""
