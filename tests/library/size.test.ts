import { expect, it } from 'vitest'
import { bundles, bundleSize } from '../../bench/library/bundle-size.ts'

it.each(bundles.flatMap((bundle) => (bundle.limit === undefined ? [] : [{ ...bundle, limit: bundle.limit }])))(
  'keeps below its limit: $name',
  async (bundle) => {
    const { first } = await bundleSize(bundle)
    expect(first).toBeLessThanOrEqual(bundle.limit)
    // A limit far above what is there would let anything in.
    expect(first).toBeGreaterThan(bundle.limit * 0.85)
  },
  60_000,
)
