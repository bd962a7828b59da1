// AssemblyScript's number types as tsc sees them, for the portable files that both compilers read.
declare type i32 = number
declare type u32 = number
declare type f64 = number
