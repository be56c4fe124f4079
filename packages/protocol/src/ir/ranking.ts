import { SluiceError } from '../errors/sluice-error.ts'
import type { RankedDocument, RerankRequest, RerankResult } from './rerank.ts'

/**
 * The ranking as it was asked for: the best first and no more of them than were wanted, with the documents where they
 * are to be repeated and the provider did not.
 *
 * @throws SluiceError `upstream_invalid_response` when it ranks what was not sent.
 */
export function rankingFor({ results }: RerankResult, request: RerankRequest): readonly RankedDocument[] {
  const { documents, top, returnDocuments } = request
  const best = results.toSorted((one, other) => other.score - one.score).slice(0, top)
  return best.map(({ index, score, document }) => {
    const sent = documents[index]
    if (sent === undefined)
      throw new SluiceError('upstream_invalid_response', `The provider ranked a document ${index}, which was not sent.`)
    if (returnDocuments === false) return { index, score }
    const repeated = document ?? (returnDocuments === true ? { ...sent.members, text: sent.text } : undefined)
    return { index, score, ...(repeated !== undefined && { document: repeated }) }
  })
}
