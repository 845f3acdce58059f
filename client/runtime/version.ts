/** The version of the program, as the About page shows it. */
export const VERSION = "0.1.0";
