/** Imported as TypeScript to find out whether this thread can load it. */
export const loaded: boolean = true;
