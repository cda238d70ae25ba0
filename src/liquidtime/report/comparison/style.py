"""What this page's style has beside that of all pages and that of the paper's."""

from liquidtime.report.paper.style import STYLE as PAPER
from liquidtime.report.theme import BLUE, GREY, GRID

STYLE = f"""{PAPER}
.results td {{ padding: 5px 10px 5px 0; }}
.results td:first-child {{ font-weight: 600; min-width: 84px; }}
.results td:nth-child(2) {{ min-width: 132px; }}
.value {{ white-space: nowrap; }}
.value.best {{ font-weight: 700; }}
.value .spread {{ display: block; color: {GREY}; font-size: 12px; font-weight: 400; }}
.value .matched {{ color: {BLUE}; font-weight: 700; }}
.from-paper {{ color: {GREY}; }}
.unit {{ display: block; color: {GREY}; font-size: 12px; font-weight: 400; }}
.reading {{ margin: 10px 0 0; padding-left: 18px; color: {GREY}; font-size: 13px; max-width: 72em; }}
.contests td:first-child {{ white-space: nowrap; }}
.contests .better {{ color: {BLUE}; font-weight: 600; }}
.contests .undecided {{ color: {GREY}; }}
.failed {{ border: 1px solid {GRID}; border-radius: 6px; padding: 8px 14px; }}
@media screen and (min-width: 701px) {{
  .contests td:nth-child(n+3) {{ white-space: nowrap; }}
}}
@media screen and (max-width: 700px) {{
  .contests td:not(:first-child) {{ padding-left: 132px; }}
}}
@media print {{
  .results td {{ padding-right: 5px; }}
  .legend, section > p {{ break-after: avoid; }}
  .results td:nth-child(2) {{ min-width: 96px; }}
  .value .spread, .unit {{ font-size: 9px; }}
  .reading {{ font-size: 10.5px; }}
}}
"""
