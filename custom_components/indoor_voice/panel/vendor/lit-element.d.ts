export * from "lit-element";
