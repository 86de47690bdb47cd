//! Links the addon: Node-API symbols come from the host process, and the image stays mapped.

fn main() {
    #[cfg(feature = "napi")]
    napi_build::setup();

    // The supervisor thread outlives every JavaScript environment, so the code it runs must not be
    // unmapped when the worker that loaded the addon ends.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
