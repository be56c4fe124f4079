// Loaded into a gateway that is watched: says what it holds when it is asked, garbage collected first.
import process from 'node:process'

process.on('message', () => {
  globalThis.gc()
  // What finalisers let go of is collected by the second one.
  setImmediate(() => {
    globalThis.gc()
    const { heapUsed, external, rss } = process.memoryUsage()
    process.send({ held: heapUsed + external, resident: rss })
  })
})
// Listening for messages is no reason to stay.
process.channel.unref()
