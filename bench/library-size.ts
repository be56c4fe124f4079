/** `npm run size`: what an application's bundle becomes larger by, and whether that is below the limits. */
import { bundles, bundleSize } from './library/bundle-size.ts'

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

console.log('| min + gzip, kB | at once | limit | when needed |')
console.log('|---|---|---|---|')
for (const bundle of bundles) {
  const { name, first, later } = await bundleSize(bundle)
  const limit = bundle.limit === undefined ? '–' : kilobytes(bundle.limit)
  console.log(`| ${name} | ${kilobytes(first)} | ${limit} | ${kilobytes(later)} |`)
  if (bundle.limit !== undefined && first > bundle.limit) process.exitCode = 1
}
