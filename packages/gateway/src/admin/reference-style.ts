/** Of the reference page; its digest is in the page's policy. */
export const referenceStyle: string = `
:root { color-scheme: light dark; --line: #8884; --quiet: light-dark(#5b5f66, #a3a8b0); font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0 } h2 { margin: 2rem 0 .5rem; text-transform: capitalize } h3 { margin: 1rem 0 .25rem; font-size: 1rem }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .5rem 0; border-block: 1px solid var(--line) }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: 0 .75rem }
details[open] { padding-bottom: .75rem }
summary { cursor: pointer; padding: .5rem 0 } summary span { color: var(--quiet) }
b { display: inline-block; min-width: 4.5rem }
.get { color: #2a7 } .post { color: #38d } .patch { color: #c83 } .delete { color: #d44 }
code { font: .9em ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .2rem .75rem .2rem 0; border-top: 1px solid var(--line); font-weight: 400 }
td:last-child { color: var(--quiet) } td { overflow-wrap: anywhere }
dt { font-weight: 600 } dd { margin: 0 0 .5rem }
`
