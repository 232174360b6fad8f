/** What pages of sweeps have beside the style of all pages. */
export const sweepStyle = `
.hint{color:var(--quiet);max-width:none}
.controls label{white-space:nowrap;font-size:.9rem}
.controls select{max-width:12rem;padding:.15rem .3rem;border:1px solid var(--quiet);border-radius:3px;background:var(--paper)}
.legend{display:flex;flex-wrap:wrap;gap:.15rem .75rem;list-style:none;margin:0;padding:0;font-size:.85rem}
.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem;vertical-align:-.1rem;border-radius:2px}
.views{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,320px);gap:1.5rem;align-items:start}
.plot{position:relative}
.plot canvas,.plot svg{position:absolute;left:0;top:0}
.plot svg text{font-size:12px;fill:var(--text);stroke:none}
.plot svg .tick,.plot svg .unit{font-size:11px;fill:var(--quiet);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.plot svg .title{font-weight:600}
.plot svg .grid{stroke:var(--line);stroke-opacity:.6}
.plot svg .frame{stroke:var(--quiet)}
.plot svg .marked{fill:none;stroke:var(--more);stroke-width:2.5px;pointer-events:none}
.plot svg .brush .selection{fill:var(--accent);fill-opacity:.14;stroke:var(--accent);stroke-width:1.5px}
.row-tip div{display:flex;justify-content:space-between;gap:1rem}
.sum pre{white-space:pre-wrap;overflow-wrap:anywhere;max-height:11rem;overflow-y:auto}
.selection-bar{position:sticky;bottom:0;z-index:2;display:flex;gap:1rem;align-items:center;margin-top:1.5rem;padding:.4rem 0;background:var(--paper);border-top:1px solid var(--line)}
.selected{margin:0}
.selected b{font-size:1.2rem}
button:disabled{opacity:.5;cursor:default}
.of-front i{width:1.2rem;height:0;border-top:2px solid var(--more);border-radius:0;vertical-align:.2rem}
.tiles{grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr))}
#outcomes tbody th{white-space:nowrap}
.ranges{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:.25rem .75rem}
.range{margin:0;padding:.25rem .5rem .5rem;display:flex;flex-wrap:wrap;gap:.35rem;align-items:center;align-content:flex-start}
.range legend{font-size:.85rem;overflow-wrap:anywhere}
.range.brushed{border-color:var(--accent)}
.range.brushed legend{color:var(--accent)}
.range input[type="text"]{flex:1;min-width:0;width:5rem;padding:.15rem .35rem;border:1px solid var(--quiet);border-radius:3px;background:var(--paper)}
.range input[aria-invalid="true"]{border-color:var(--more);outline:1px solid var(--more)}
.range label{font-size:.85rem;overflow-wrap:anywhere}
.range ::placeholder{color:var(--quiet);opacity:1}
.tall{max-height:32rem;overflow-y:auto;border-bottom:1px solid var(--line)}
.tall thead th{position:sticky;top:0;background:var(--paper)}
.rows td{white-space:nowrap}
.rows .in-front{font-weight:600}
.rows .marked{background:color-mix(in srgb,var(--more) 22%,transparent)}
@media (max-width:860px){.views{grid-template-columns:minmax(0,1fr)}}
@media print{.selection-bar{display:none}.hint{display:none}.tall{max-height:none;overflow:visible}.tall table{font-size:.75rem}}
`;
