package serve

// Sized has answers say how long they are, as Handle does.
var Sized = sized
