/** What a caller asks for, whatever the wire it asks on. */
export type Operation =
  | 'chat'
  | 'complete'
  | 'embed'
  | 'moderate'
  | 'image'
  | 'speech'
  | 'transcribe'
  | 'rerank'
  | 'count-tokens'
  | 'models'
