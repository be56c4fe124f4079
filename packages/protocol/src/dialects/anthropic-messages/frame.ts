/** One event of a stream: its name is that of its data's `type`. `data` is JSON text, which has no line break. */
export function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`
}
