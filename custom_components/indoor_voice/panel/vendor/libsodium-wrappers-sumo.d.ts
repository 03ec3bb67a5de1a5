export { default } from "libsodium-wrappers-sumo";
