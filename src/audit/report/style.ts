/** The page's own style: it loads nothing, and follows the reader's choice of light or dark. */
export const style = `
:root { color-scheme: light dark; --text: #1c2126; --soft: #5b6670; --ground: #fbfbfa; --card: #fff; --line: #dfe3e6;
  --link: #0b57a4; --grave: #b3261e; --train: #4063c6; --validation: #996300; --test: #c2371f; --unlisted: #47756d; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ea; --soft: #9aa6b0; --ground: #14181b; --card: #1d2226;
  --line: #333a40; --link: #86b7ee; --grave: #ff8a80; --train: #86a5f5; --validation: #efb118; --test: #ff8b76; --unlisted: #7cc4b6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } h3 small { color: var(--soft); font-weight: 400; }
p { margin: .3rem 0 .8rem; max-width: 46rem; } a { color: var(--link); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 1rem 0 0; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; margin: 1.2rem 0 0; padding: 0; }
.facts div { display: flex; flex-direction: column-reverse; } .facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; line-height: 1.2; }
.facts .grave dd { color: var(--grave); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 400; white-space: nowrap; } tbody th { font-weight: 600; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } tr.zero, tr.zero th { color: var(--soft); font-weight: 400; }
b.high { color: var(--grave); }
article, section[id] section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 0 0 1rem; }
article ul { margin: .2rem 0 .8rem; padding-left: 1.1rem; font-size: .92rem; overflow-wrap: anywhere; } article small { color: var(--soft); }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .9rem; }
figure { margin: 0; } figure.series img, .none { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #000; border-radius: 4px; }
.none { display: grid; place-items: center; background: var(--line); color: var(--soft); font-size: .85rem; }
figure.series figcaption { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; font-size: .8rem; line-height: 1.35; padding-top: .35rem; overflow-wrap: anywhere; }
figure.series b, figure.series .said { flex-basis: 100%; } figcaption span { color: var(--soft); }
.split { font-style: normal; font-size: .75rem; font-weight: 600; border: 1px solid currentColor; border-radius: 9px; padding: 0 .45rem; white-space: nowrap; }
.train { color: var(--train); } .validation { color: var(--validation); } .test { color: var(--test); } .unlisted { color: var(--unlisted); }
.texts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .9rem; margin-top: .9rem; }
blockquote { margin: 0; padding: .7rem .9rem; border-left: 3px solid var(--line); font-size: .9rem; overflow-wrap: anywhere; }
blockquote p { margin: 0 0 .4rem; } blockquote .said { font-weight: 600; } cite { font-style: normal; font-size: .8rem; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.2rem; }
.plots svg { width: 100%; height: auto; overflow: visible; background: none; --plot-background: var(--ground); } .plots figcaption { font-size: .85rem; color: var(--soft); }
.key { display: flex; flex-wrap: wrap; gap: .4rem; } .more { color: var(--soft); font-size: .9rem; margin: .6rem 0 0; }
h3 .split { margin-left: .25rem; } cite .split { margin-left: .25rem; }
@media (max-width: 40rem) { thead { display: none; } tbody tr { display: grid; grid-template-columns: 1fr auto auto; gap: 0 .8rem; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  tbody th, tbody td { border: 0; padding: 0; } tbody td:last-child { grid-column: 1 / -1; font-size: .88rem; } tr.zero td:last-child { display: none; } }
@media print { body { max-width: none; } article { break-inside: avoid; } }
`;
