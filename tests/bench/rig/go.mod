module rig

go 1.22
