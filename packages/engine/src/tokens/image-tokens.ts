import { fitsPatterns } from '../models/name-pattern.ts'

/** Pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

type ImageRule =
  /** A base and so much for each tile of 512 × 512, after scaling to 2048 × 2048 and a shorter side of 768. */
  | { readonly kind: 'tiles'; readonly base: number; readonly tile: number }
  /** So much for each patch of 32 × 32, of which there are at most `most`. */
  | { readonly kind: 'patches'; readonly factor: number; readonly most: number }
  /** So much for each pixel, up to a limit. */
  | { readonly kind: 'pixels'; readonly perToken: number; readonly most: number }
  /** So much for each tile of 768 × 768, or for one that is small on both sides. */
  | { readonly kind: 'squares'; readonly tile: number }

/**
 * The first row that fits counts. Sources: https://platform.openai.com/docs/guides/images-vision#calculating-costs,
 * https://docs.anthropic.com/en/docs/build-with-claude/vision, https://ai.google.dev/gemini-api/docs/tokens.
 */
const rules: readonly (readonly [names: readonly string[], rule: ImageRule])[] = [
  [['gpt-4o-mini*'], { kind: 'tiles', base: 2833, tile: 5667 }],
  [['gpt-4.1-mini*', 'gpt-5-mini*'], { kind: 'patches', factor: 1.62, most: 1536 }],
  [['gpt-4.1-nano*', 'gpt-5-nano*'], { kind: 'patches', factor: 2.46, most: 1536 }],
  [['o4-mini*'], { kind: 'patches', factor: 1.72, most: 1536 }],
  [['gpt-5.4*', 'gpt-5.5*', 'gpt-5.6*', 'gpt-6*'], { kind: 'patches', factor: 1, most: 2500 }],
  [['gpt-5*'], { kind: 'tiles', base: 70, tile: 140 }],
  [['o1*', 'o3*'], { kind: 'tiles', base: 75, tile: 150 }],
  [['computer-use*'], { kind: 'tiles', base: 65, tile: 129 }],
  [['*claude*'], { kind: 'pixels', perToken: 750, most: 1600 }],
  [['gemini*'], { kind: 'squares', tile: 258 }],
]

const otherModels: ImageRule = { kind: 'tiles', base: 85, tile: 170 }
/** What is assumed of an image that only its URL is known of: 1024 × 1024. */
const usual: ImageSize = { width: 1024, height: 1024 }

/** Tokens of an image by the maker's documented rule; good for budgets, not for bills. */
export function imageTokens(model: string, size: ImageSize = usual, detail?: string): number {
  const bare = model.slice(model.lastIndexOf('/') + 1)
  const rule = rules.find(([names]) => fitsPatterns(bare, names))?.[1] ?? otherModels
  const { width, height } = size
  switch (rule.kind) {
    case 'tiles':
      return rule.base + (detail === 'low' ? 0 : rule.tile * countTiles(size))
    case 'patches': {
      const most = detail === 'original' ? 10_000 : rule.most
      return Math.ceil(Math.min(countPatches(size), most) * rule.factor)
    }
    case 'pixels':
      return Math.min(rule.most, Math.ceil((width * height) / rule.perToken))
    case 'squares':
      return width <= 384 && height <= 384 ? rule.tile : rule.tile * Math.ceil(width / 768) * Math.ceil(height / 768)
  }
}

function countTiles({ width, height }: ImageSize): number {
  const fit = Math.min(1, 2048 / Math.max(width, height))
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit))
  return Math.ceil(Math.round(width * scale) / 512) * Math.ceil(Math.round(height * scale) / 512)
}

function countPatches({ width, height }: ImageSize): number {
  return Math.ceil(width / 32) * Math.ceil(height / 32)
}
