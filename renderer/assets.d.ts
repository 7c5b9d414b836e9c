/** Style sheets are imported for their effect; the build gathers them into files beside the scripts. */
declare module '*.css';
