// Loaded before Portkey. JavaScript, because it may run on a Node that knows no types.
import { Server } from 'node:net'

// It listens on every interface and cannot be told otherwise: keep it on the loopback.
const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port, host: '127.0.0.1' }, ...rest.filter((value) => typeof value === 'function'))
}

// On Node its release 1.15.2 fails every stream with "TypeError: immutable", as it adds its own headers to the
// upstream's (its issues 1389 and 1550). Let it go without them, so that its streams can be measured.
const append = Headers.prototype.append
Headers.prototype.append = function (name, value) {
  try {
    append.call(this, name, value)
  } catch (error) {
    if (error.message !== 'immutable') throw error
  }
}
