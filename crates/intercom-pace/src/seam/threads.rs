//! What has to be `Send` and `Sync`: everything, except on wasm32.
//!
//! There, a program usually runs on one thread, and the values and futures of JavaScript cannot leave it. The only other place
//! that chooses by target is `intercom-async`, in its `async_trait` attributes.

use alloc::boxed::Box;
use core::pin::Pin;

macro_rules! bounds {
    ($($send:ident, $sync:ident)?) => {
        /// `Send`, except on wasm32, where it asks for nothing.
        ///
        /// Every type that is `Send` implements it, and on wasm32 every type.
        ///
        /// ```
        /// fn spawned(work: impl intercom_pace::MaybeSend + 'static) -> impl Send {
        ///     work // compiles on other targets than wasm32
        /// }
        /// ```
        pub trait MaybeSend: $($send)? {}

        impl<T: $($send +)? ?Sized> MaybeSend for T {}

        /// `Sync`, except on wasm32, where it asks for nothing.
        ///
        /// Every type that is `Sync` implements it, and on wasm32 every type.
        pub trait MaybeSync: $($sync)? {}

        impl<T: $($sync +)? ?Sized> MaybeSync for T {}

        /// A future on the heap, which is `Send` except on wasm32.
        pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + $($send +)? 'a>>;
    };
}

#[cfg(not(target_arch = "wasm32"))]
bounds!(Send, Sync);

#[cfg(target_arch = "wasm32")]
bounds!();
