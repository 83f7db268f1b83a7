/**
 * What a call rejects with. `expect(…).rejects` would wait inside the event loop that server and client share, and both of
 * them would wait for it.
 */
export const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => {
      throw new Error("it was served");
    },
    (caught: Error) => caught,
  );
