import process from 'node:process'
import { createSluice } from 'sluice'

// The engine of this process, or that of a gateway: what follows is the same.
const gateway = process.env['GATEWAY_URL']
const sluice =
  gateway === undefined ? createSluice() : createSluice({ gateway, apiKey: process.env['GATEWAY_KEY'] ?? 'any' })

const { text, provider, cost } = await sluice.chat('What is a fjord?')
console.log(`${provider}: ${text}`, cost?.nanoDollars)
await sluice.close()
