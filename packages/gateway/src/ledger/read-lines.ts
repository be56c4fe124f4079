import { closeSync, openSync, readSync } from 'node:fs'

export interface ReadLines {
  /** Whole lines, without their ends. */
  readonly lines: readonly string[]
  /** The offset after the last of them. */
  readonly next: number
}

const lineFeed = 0x0a
const usualSize = 64 * 1024

/** Whole lines of a file from an offset on, about 64 KiB of them. A last line that was not written to its end is none. */
export function readLines(path: string, from: number): ReadLines {
  const file = openSync(path, 'r')
  try {
    for (let size = usualSize; ; size *= 2) {
      const buffer = Buffer.allocUnsafe(size)
      const length = readSync(file, buffer, 0, size, from)
      const end = buffer.subarray(0, length).lastIndexOf(lineFeed)
      if (end >= 0) return { lines: buffer.toString('utf8', 0, end).split('\n'), next: from + end + 1 }
      if (length < size) return { lines: [], next: from }
    }
  } finally {
    closeSync(file)
  }
}
