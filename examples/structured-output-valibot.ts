import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { createSluice } from 'sluice'
import * as v from 'valibot'

// valibot keeps its JSON Schema in a package of its own.
const Review = toStandardJsonSchema(
  v.object({
    sentiment: v.picklist(['good', 'mixed', 'bad']),
    points: v.array(v.string()),
  }),
)

const sluice = createSluice()
const { object } = await sluice.chatObject(Review, 'Judge this review: "Warm, but it leaks."')
console.log(object.sentiment, object.points.join(', '))
await sluice.close()
