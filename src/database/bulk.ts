/**
 * One write of a bulk that fails does not keep the others from being made. The second option is not to be left out:
 * without it Mongoose leaves out of an unordered bulk what its schema refuses, and reports success for the rest.
 * https://mongoosejs.com/docs/api/model.html#Model.bulkWrite()
 */
export const unordered = { ordered: false, throwOnValidationError: true } as const;
