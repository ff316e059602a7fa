import { keyedDigits } from "/work/main/examples/shared/keyed-digits.ts";
for (let i=0;i<4;i++){ const r=await keyedDigits("ffx",{train:9000,epochs:4,wrongKeys:20}); console.log(r.right.toFixed(1),r.none.toFixed(1),Math.max(...r.wrong).toFixed(1)); }
