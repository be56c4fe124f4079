/** One event of a stream, which says its type twice. `members` are JSON text: `"index":0`. */
export function frame(type: string, members: string): string {
  return `event: ${type}\ndata: {"type":"${type}"${members === '' ? '' : `,${members}`}}\n\n`
}
