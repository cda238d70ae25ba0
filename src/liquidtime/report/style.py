"""Colours and type of the page."""

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
"""Okabe & Ito's colours, which people with any common colour vision tell apart."""

GREY, INK = "#c9ced6", "#1f2933"

CSS = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; background: #fff; color: #1f2933;
       font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 12px; font-weight: 650; }
h2 { font-size: 20px; margin: 44px 0 4px; padding-top: 16px; border-top: 1px solid #e4e7eb; }
h3 { font-size: 16px; margin: 24px 0 4px; }
p { margin: 4px 0 10px; max-width: 80ch; }
p.fact { margin: 2px 0; color: #3e4c59; }
code { font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: #f5f7fa;
       padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 8px 0 12px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid #e4e7eb; vertical-align: top; }
th { font-weight: 600; color: #3e4c59; }
td.number { text-align: right; padding-right: 20px; }
td.cell { text-align: right; padding: 8px 14px; min-width: 90px; }
button { font: inherit; color: #0072B2; background: none; border: none; padding: 0; cursor: pointer; }
button:hover, button:focus-visible { text-decoration: underline; }
@media print { body { max-width: none; padding: 0; font-size: 12px; } h2 { break-after: avoid; }
               .figure, table { break-inside: avoid; } button { color: inherit; } }
"""
