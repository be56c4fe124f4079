import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import { errors } from './__fixtures__/errors.ts'
import { requests } from './__fixtures__/requests.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { ollamaChat } from './ollama-chat.ts'

describeChatDialect(ollamaChat, { requests, results, streams, failures, errors })
