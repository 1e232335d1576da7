//! An instance lives for one call, so nothing is freed; an arena in initial memory spares `memory.grow` (5 µs a call).
use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::memory_grow,
    cell::UnsafeCell,
    ptr,
};
const ARENA: usize = 960 << 10;
pub struct Bump(UnsafeCell<[u8; ARENA]>, UnsafeCell<(usize, usize)>); // arena, (next free, end)
unsafe impl Sync for Bump {} // wasm without threads
impl Default for Bump {
    fn default() -> Self {
        Self::new()
    }
}
impl Bump {
    pub const fn new() -> Self {
        Bump(UnsafeCell::new([0; ARENA]), UnsafeCell::new((0, 0)))
    }
}
// Every pointer handed out lies in the arena or in pages that `memory_grow` gave; `next free` only rises.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        unsafe {
            let s = &mut *self.1.get();
            if s.1 == 0 {
                s.0 = self.0.get() as usize;
                s.1 = s.0 + ARENA;
            }
            let at = s.0.next_multiple_of(l.align());
            if let Some(top) = at.checked_add(l.size()).filter(|top| *top <= s.1) {
                s.0 = top;
                return at as *mut u8;
            }
            let pages = l.size().div_ceil(65536).max(16);
            let at = match memory_grow(0, pages) {
                usize::MAX => return ptr::null_mut(),
                page => page << 16,
            };
            *s = (at + l.size(), at + (pages << 16));
            at as *mut u8
        }
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    unsafe fn realloc(&self, p: *mut u8, l: Layout, n: usize) -> *mut u8 {
        unsafe {
            let s = &mut *self.1.get();
            if p as usize + l.size() == s.0 && n <= s.1 - p as usize {
                s.0 = p as usize + n;
                return p;
            }
            let q = self.alloc(Layout::from_size_align_unchecked(n, l.align()));
            if !q.is_null() {
                ptr::copy_nonoverlapping(p, q, l.size().min(n));
            }
            q
        }
    }
}
