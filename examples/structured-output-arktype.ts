import { type } from 'arktype'
import { createSluice } from 'sluice'

const Ticket = type({
  subject: 'string > 0',
  urgency: "'low' | 'normal' | 'high'",
  tags: 'string[]',
})

const sluice = createSluice()
const { object } = await sluice.chatObject(Ticket, 'Make a ticket of this: "The printer on floor 3 smokes!"')
console.log(`[${object.urgency}] ${object.subject} (${object.tags.join(', ')})`)
await sluice.close()
