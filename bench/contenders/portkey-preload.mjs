// Loaded before Portkey. JavaScript, because it may run on a Node that knows no types.
import { Server } from 'node:net'

// It listens on every interface and cannot be told otherwise: keep it on the loopback.
const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port, host: '127.0.0.1' }, ...rest.filter((value) => typeof value === 'function'))
}

// On Node its release 1.15.2 fails every stream with "TypeError: immutable", as it changes the headers of the upstream's
// answer (its issues 1389 and 1550). Let it go on without, so that its streams can be measured.
for (const method of ['append', 'set', 'delete']) {
  const change = Headers.prototype[method]
  Headers.prototype[method] = function (...given) {
    try {
      change.apply(this, given)
    } catch (error) {
      if (error.message !== 'immutable') throw error
    }
  }
}
