export const evaluate = {} as never;
