// Package lab is a network of namespaces of this process: hosts around a
// router, joined by veth pairs, for IPv4 and IPv6. It sends real packets and
// says what became of them.
//
// Namespaces are held by open files and nothing else. What the process leaves
// behind, however it ends, is nothing; the network of the machine is not
// touched.
package lab
