/** What a report says of a resource that its run did not come to, because it was told to end. Must not know runs. */

export const endedEarly = "the run was ended before its turn";
