//! Packs and policy are built into the program: a changed file must rebuild it.
fn main() {
    println!("cargo::rerun-if-changed=packs");
    println!("cargo::rerun-if-changed=policy");
}
