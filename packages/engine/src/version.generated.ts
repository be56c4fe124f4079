// Written by `npm run generate` from package.json.
/** Of all packages of Sluice. */
export const version: string = '0.0.0'
