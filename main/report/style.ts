/**
 * The look: an instrument. System fonts, 13 px on a 4 px grid, two weights, one accent; series in
 * Okabe–Ito tones that reach a contrast of 3:1 on their ground. On paper it is always light.
 */
const LIGHT = `
  --page:#f5f6f8; --card:#fff; --rule:#e2e5ea; --grid:#eceef1; --text:#171c22; --muted:#58626e; --accent:#0072b2;
  --bad:#b3261e; --warn:#8a5a00; --good:#00714f;
  --s0:#0072b2; --s1:#b87700; --s2:#00805c; --s3:#b5457f; --s4:#d55e00; --s5:#3586b5; --s6:#333a42; --s7:#827a00;
  --compute:#3d9c82; --wait:#c98300; --push:#171c22; --model:#0072b2; --update:#c98300; --control:#6b7580; --data:#b9c0c8;
  --lane:#eef0f3; --crowd:#c3c9d0;`;

const DARK = `
  --page:#0e1115; --card:#151a1f; --rule:#272e36; --grid:#20262d; --text:#e7eaee; --muted:#949ea9; --accent:#56b4e9;
  --bad:#f2786d; --warn:#e6a23c; --good:#3cc79a;
  --s0:#56b4e9; --s1:#e69f00; --s2:#1fb58a; --s3:#d98cb3; --s4:#f0803c; --s5:#8fbfe0; --s6:#d5dae0; --s7:#d9cf3f;
  --compute:#0f8163; --wait:#e69f00; --push:#e7eaee; --model:#56b4e9; --update:#e69f00; --control:#89929c; --data:#4a535d;
  --lane:#1c2229; --crowd:#3d454e;`;

export const STYLE = `
:root{color-scheme:light;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:13px/20px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main,.top,.foot{max-width:1176px;margin:0 auto;padding:0 24px}
.top{display:flex;justify-content:space-between;gap:16px;padding-top:20px;color:var(--muted)}
.top b{color:var(--text)}
.foot{color:var(--muted);padding-top:8px;padding-bottom:32px}
h1,h2,h3,b,th.on{font-weight:600}
h1,h2{font-size:20px;line-height:28px;margin:0}
h1 small,h2 small{font-size:13px;font-weight:400;color:var(--muted);margin-left:8px;white-space:nowrap}
h3{font-size:13px;line-height:20px;margin:0;display:inline}
p{margin:4px 0 0;max-width:94ch}
.lead{font-size:14px;line-height:22px;margin-bottom:16px}
.muted,.sub{color:var(--muted)}
.sub{margin-left:8px}
section{margin:16px 0 32px}
section+section{border-top:1px solid var(--rule);padding-top:24px}
.stack{display:grid;gap:16px;align-content:start}
a{color:var(--accent)}
.grid2{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin-top:16px}
.wide{grid-column:1/-1}
.card{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 16px 14px;margin:0;min-width:0}
.card>header{min-height:20px;margin-bottom:4px}
@media screen{.grid2>.card{display:grid;grid-row:span 2;grid-template-rows:subgrid;row-gap:0}.stack{grid-row:span 2}}
.body{min-width:0}
.figures{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:12px;margin:0}
.figures .card{display:grid;grid-template-columns:auto minmax(0,1fr);align-items:end;column-gap:10px;align-content:start;padding:10px 14px}
.figures dt,.figures .note{grid-column:1/-1;color:var(--muted)}
.figures dd{margin:0}
.figures .value{font-size:20px;line-height:28px;font-weight:600;white-space:nowrap}
.figures .value.none{color:var(--muted);font-weight:400}
.figures .note{font-size:12px;line-height:16px}
.spark{display:block;width:100%;max-width:96px;justify-self:end;margin-bottom:3px}
.plot{display:block;overflow:visible;width:calc(100% - var(--l) - var(--r));margin:var(--t) var(--r) 26px var(--l)}
.over{overflow:visible}
svg text{font-size:11px;fill:var(--muted)}
svg .word{paint-order:stroke;stroke:var(--card);stroke-width:4px}
svg text.label{fill:var(--text)}
.end{text-anchor:end}.mid{text-anchor:middle}
.grid{stroke:var(--grid)}.axis{stroke:var(--rule)}
.event{stroke:var(--muted);stroke-dasharray:1 3}
.reference{stroke:var(--muted);stroke-dasharray:5 4}
.leader{stroke:var(--muted);stroke-width:.75;fill:none;stroke-dasharray:1 2}
.halo{paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}.crowd{--c:var(--crowd)}
.line{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line.crowd{stroke-width:1}
.dot,.mark{fill:var(--c)}
.line-swatch{fill:var(--c)}
.lane{fill:var(--lane)}.compute{fill:var(--compute)}.wait{fill:var(--wait)}.push{fill:var(--push)}
.absent{fill:var(--card);stroke:var(--bad);stroke-dasharray:3 2}
.model{fill:var(--model)}.update{fill:var(--update)}.control{fill:var(--control)}.data{fill:var(--data)}.ghost{fill:none;stroke:var(--muted);stroke-dasharray:3 2}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;color:var(--muted);font-size:12px;margin:2px 0 4px}
.legend span{display:inline-flex;align-items:center;gap:5px}
.legend svg{display:block}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:8px 20px}
.small .name{font-size:12px;display:block}
table{border-collapse:collapse;width:100%}
.scroll{overflow-x:auto}
caption{text-align:left}
th,td{padding:3px 8px;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th{font-weight:400;color:var(--muted);font-size:12px;line-height:16px;vertical-align:bottom;border-bottom-color:var(--rule)}
td:first-child,th:first-child{padding-left:0}td:last-child,th:last-child{padding-right:0}
td.n,th.n{text-align:right}td.n{white-space:nowrap}
.log td.text:last-child,.log th.text:last-child{width:70%}
td.w{white-space:nowrap}
td.text{overflow-wrap:anywhere;min-width:12ch}
tbody tr:last-child td{border-bottom:0}
.best{font-weight:600}
.state{white-space:nowrap}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}
.callout{border-left:3px solid var(--warn);padding:2px 12px;margin:12px 0 0}
.callout.bad{color:inherit;border-left-color:var(--bad)}
pre{margin:8px 0 0;padding:10px 12px;background:var(--page);border:1px solid var(--rule);border-radius:6px;font:12px/18px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin-top:8px}
summary{cursor:pointer;color:var(--accent)}
.empty{color:var(--muted);padding:12px 0 4px}
@media screen and (max-width:1040px){th,td{padding:3px 5px}td.n{font-size:12px}.figures{grid-template-columns:repeat(6,minmax(0,1fr))}.figures .card{grid-column:span 2}.figures .card:nth-child(n+4){grid-column:span 3}}
.card:not(.wide) .room-3{display:none}
@media screen and (min-width:721px) and (max-width:1099px){.card:not(.wide) .room-2{display:none}}
@media screen and (min-width:721px) and (max-width:899px){.card:not(.wide) .room-1{display:none}}
@media screen and (max-width:720px){.room-3{display:none}}
@media screen and (max-width:560px){.room-1,.room-2{display:none}}
@media screen and (max-width:720px){.grid2{grid-template-columns:minmax(0,1fr)}.figures .card,.figures .card:nth-child(n+4){grid-column:1/-1}main,.top,.foot{padding-left:12px;padding-right:12px}}
@page{margin:12mm}
@media print{
body{background:#fff;font-size:11px;line-height:16px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main,.top,.foot{max-width:none;padding-left:1px;padding-right:1px}
.card>header{break-after:avoid}
.top{padding-top:0}
.card{break-inside:avoid;padding:8px 10px 10px;border-radius:4px}
.card.long{break-inside:auto}
.grid2{gap:10px;margin-top:10px}
.figures{grid-template-columns:repeat(5,minmax(0,1fr));gap:8px}
.figures .card,.figures .card:nth-child(n+4){grid-column:auto;padding:6px 8px}
.figures .value{font-size:16px;line-height:22px}
.figures .spark{display:none}
.figures .note,th,.legend,.small .name{font-size:10px;line-height:13px}
svg text{font-size:9.5px}
.card:not(.wide) .room-1,.card:not(.wide) .room-2{display:none}
h3,.card>header{font-size:11px;line-height:16px}
.lead{font-size:12px;line-height:18px;margin-bottom:10px}
h1,h2{font-size:17px;line-height:24px}
th,td{padding:2px 4px}
td{font-size:10px;line-height:15px}
thead{display:table-header-group}tr{break-inside:avoid}
.scroll{overflow:visible}
pre{font-size:9.5px;line-height:14px}
section{margin:8px 0 16px}
section.run+section.run,section.compare+section.run{break-before:page;border-top:0;padding-top:0}
details>summary{display:none}
h1,h2,h3{break-after:avoid}
}
`;
