import { colourOf, darkColourOf, darkRules, fontFamily, ink } from '../figures/style.ts';

/** What the page is drawn in: the colours of the figures by what they are for. */
const colours = {
  paper: ink.paper,
  text: ink.text,
  quiet: ink.axis,
  line: ink.grid,
  accent: colourOf(0),
  more: colourOf(1),
  less: colourOf(2),
} as const;

const variables = (of: (colour: string) => string): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}:${of(colour)};`)
    .join('');

const dark = (root: string): string =>
  `${root}{color-scheme:dark;${variables(darkColourOf)}}${darkRules(`${root} svg `)}`;

/** Light and dark; the reader's choice on the page goes before that of the system. Paper is light. */
const themes = `
:root{color-scheme:light;${variables((colour) => colour)}}
@media screen and (prefers-color-scheme:dark){${dark(':root:not([data-theme="light"])')}}
@media screen{${dark(':root[data-theme="dark"]')}}
`;

const layout = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.5rem;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--text);font:15px/1.5 ${fontFamily}}
a{color:var(--accent)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;max-width:72ch}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{left:.5rem;top:.5rem;background:var(--paper);padding:.5rem;z-index:3}
.bar{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--line)}
.bar>div{display:flex;align-items:center;gap:1rem;max-width:1180px;margin:auto;padding:.4rem 1rem}
.bar nav{flex:1;min-width:0;overflow-x:auto;white-space:nowrap}
.bar nav ul{display:flex;gap:1rem;list-style:none;margin:0;padding:.25rem 0}
.bar nav a{text-decoration:none;font-size:.9rem;padding:.2rem 0}
.bar nav a:hover{text-decoration:underline}
main,body>header,body>footer{max-width:1180px;margin:auto;padding:0 1rem}
body>header{padding-top:1.5rem}
body>footer{color:var(--quiet);font-size:.85rem;padding-bottom:2rem;margin-top:2.5rem}
.what{color:var(--quiet);margin:0 0 1rem;overflow-wrap:anywhere}
.lead{font-size:1.1rem;max-width:74ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(240px,45%),1fr));gap:.75rem;margin:1.25rem 0;padding:0;list-style:none}
.tiles li{overflow-wrap:anywhere;border:1px solid var(--line);border-top:3px solid var(--accent);border-radius:3px;padding:.6rem .75rem}
.tiles b{display:block;font-size:1.3rem;line-height:1.3;font-weight:600}
.tiles span{display:block;color:var(--quiet);font-size:.85rem}
button,input,select{font:inherit;color:inherit}
button{background:var(--paper);border:1px solid var(--quiet);border-radius:3px;padding:.2rem .6rem;cursor:pointer}
button:hover{border-color:var(--accent);color:var(--accent)}
pre{background:var(--paper);border:1px solid var(--line);border-radius:3px;padding:.75rem;overflow-x:auto;font:13px/1.45 ui-monospace,"Liberation Mono",Menlo,monospace;margin:.5rem 0}
pre .comment{color:var(--quiet)}
pre .word{color:var(--accent);font-weight:600}
details{margin:.75rem 0}
summary{cursor:pointer;font-weight:600}
`;

const figures = `
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));gap:1.25rem}
figure{margin:0;min-width:0}
figure.wide{grid-column:1/-1}
figure svg{display:block;max-width:100%;height:auto}
.diagram{overflow-x:auto;margin:.75rem 0}
.diagram.narrow-only svg{max-width:none}
@media print,(min-width:861px){.narrow-only{display:none}}
@media screen and (max-width:860px){.wide-only{display:none}}
figure svg [tabindex]:focus-visible{outline:2px solid var(--accent)}
.tip{position:absolute;z-index:4;max-width:320px;pointer-events:none;background:var(--text);color:var(--paper);border-radius:3px;padding:.3rem .5rem;font-size:.85rem;line-height:1.35;overflow-wrap:anywhere}
.tip[hidden]{display:none}
`;

const tables = `
.tables{display:flex;flex-wrap:wrap;gap:1.75rem 3.5rem;align-items:flex-start}
.tables .scroll{margin:0}
.scroll{overflow-x:auto;max-width:100%;margin:0 0 1.5rem}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
table.data{min-width:min(100%,480px)}
caption{text-align:left;font-weight:600;padding:.25rem 0;caption-side:top}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--quiet);vertical-align:bottom;white-space:nowrap;font-weight:600}
tbody th{font-weight:400}
td.prose{min-width:14rem}
.long tbody th,.long td{overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap}
tbody tr:hover{background:color-mix(in srgb,var(--accent) 8%,transparent)}
thead button{border:0;padding:0;background:none;font-weight:600}
thead th[aria-sort="ascending"] button::after{content:" \\2191"}
thead th[aria-sort="descending"] button::after{content:" \\2193"}
`;

const panel = `
.panel{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.2fr);gap:1.5rem;align-items:start}
.panel>*{min-width:0}
.answer{position:sticky;top:3.5rem}
fieldset{border:1px solid var(--line);border-radius:3px;margin:0 0 1rem;padding:.5rem .75rem .75rem;min-width:0}
legend{font-weight:600;padding:0 .35rem}
.control{display:grid;grid-template-columns:minmax(0,9rem) minmax(0,1fr) 7.5rem;gap:.6rem;align-items:center;padding:.2rem 0}
.control label{font-size:.9rem;overflow-wrap:anywhere}
.control.moved label{font-weight:600;color:var(--accent)}
.control input[type="range"]{width:100%;accent-color:var(--accent)}
.control input:not([type="range"]){width:100%;padding:.15rem .35rem;border:1px solid var(--quiet);border-radius:3px;background:var(--paper);text-align:right}
.control input[type="number"]{appearance:textfield}
.control small{grid-column:1/-1;color:var(--quiet);font-size:.8rem;margin-top:-.2rem}
.answers{width:100%}
.answers td{white-space:normal}
.headline{display:none}
.answers thead th{white-space:normal}
#command{white-space:pre-wrap;overflow-wrap:anywhere}
.actions{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
.refusal{border-left:3px solid var(--more);padding:.25rem .75rem;margin:.5rem 0}
.refusal p{margin:.2rem 0}
.change.more::before{content:"\\25B2  "}
.change.less::before{content:"\\25BC  "}
.stale{opacity:.55}
@media (max-width:860px){.panel{grid-template-columns:minmax(0,1fr)}.answer{position:static}.headline{display:block;position:sticky;top:2.75rem;z-index:1;background:var(--paper);border-bottom:1px solid var(--line);margin:0;padding:.4rem 0;font-weight:600}}
@media (max-width:480px){.control{grid-template-columns:minmax(0,1fr) 7.5rem}.control input[type="range"]{grid-column:1/-1;grid-row:2}}
`;

const media = `
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@page{margin:15mm}
@media print{
.bar,.skip,.tip,.actions,section:has(>.whatif),thead button::after{display:none!important}
body{font-size:11pt}
figure,tr,.tiles li{break-inside:avoid}
.figures{grid-template-columns:1fr 1fr}
h2,h3,caption{break-after:avoid}
.scroll,pre{overflow:visible}
pre{white-space:pre-wrap}
details>*{display:block}
}
`;

export const pageStyle = [themes, layout, figures, tables, panel, media].join('').trim();
