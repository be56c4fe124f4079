// Written by `npm run generate` from package.json.
export const version: string = '0.0.0'
