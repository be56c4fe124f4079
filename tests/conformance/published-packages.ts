import { registerHooks } from 'node:module'

// Some packages name their own sources by the condition by which ours are found, and Node does not run TypeScript
// out of node_modules. To be imported before such a package is.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (context.parentURL?.includes('/node_modules/') !== true) return nextResolve(specifier, context)
    return nextResolve(specifier, { ...context, conditions: context.conditions.filter((name) => name !== 'source') })
  },
})
